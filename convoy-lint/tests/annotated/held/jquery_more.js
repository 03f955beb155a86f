jQuery(function ($) {
  const hash = window.location.hash;
  $(hash).show(); // CWE-79
  $('#box').prepend('<p>' + hash + '</p>'); // CWE-79
  $('#box').html(decodeURIComponent(hash)); // CWE-79
  $.globalEval(hash); // CWE-94,95,79
  $.get('/api?x=' + hash, (data) => {
    $('#box').html(data.text); // CWE-79
  });
  window.parent.postMessage('ready', '*'); // CWE-346,345
  localStorage.setItem('token', $('#token').val()); // CWE-922,312
  $('#box').text(hash);
  $('#box').attr('title', hash);
});
