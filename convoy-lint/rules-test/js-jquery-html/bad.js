function show(name) {
  // bad
  $('#out').html('<b>' + name + '</b>');
  // bad
  $('#out').append(`<li>${name}</li>`);
  // bad
  $(`<div>${name}</div>`).appendTo('#out');
}
