const out = document.getElementById('out');

function one() {
  out.innerHTML = location.hash.slice(1); // CWE-79
  out.innerHTML = '<b>' + document.location.search + '</b>'; // CWE-79
  document.write('<p>' + window.location.href + '</p>'); // CWE-79
}

function two(name) {
  out.outerHTML = `<p>${name}</p>`; // CWE-79
  out.insertAdjacentHTML('beforeend', '<i>' + name + '</i>'); // CWE-79
  $('#out').html('<b>' + name + '</b>'); // CWE-79
  $('#out').append('<li>' + name + '</li>'); // CWE-79
  $(`<div>${name}</div>`).appendTo('#out'); // CWE-79
}

function three() {
  const params = new URLSearchParams(window.location.search);
  const next = params.get('next');
  window.location.href = next; // CWE-601,79
  location.assign(params.get('to')); // CWE-601,79
  window.open(params.get('page')); // CWE-601
  eval(params.get('code')); // CWE-94,95,79
  setTimeout('show("' + next + '")', 10); // CWE-94,95,79
}

window.addEventListener('message', (event) => {
  out.innerHTML = event.data; // CWE-79,346
});

function good(name) {
  out.textContent = name;
  out.innerHTML = '<b>ready</b>';
  out.innerHTML = DOMPurify.sanitize(name);
  $('#out').text(name);
  $('#out').html('<hr>');
  window.parent.postMessage({ name }, 'https://example.org');
}
