function show() {
  // bad
  $("#preview").html($("textarea").val());
  // bad
  document.getElementById("x").innerHTML = document.getElementById("y").textContent;
}
