function show(name) {
  $('#out').html('<hr>');
  $('#' + name).show();
  $('#out').text(name);
  $('<b></b>').text(name).appendTo('#out');
}
