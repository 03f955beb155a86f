function show() {
  $("#preview").text($("textarea").val());
  $("#preview").html($("#template").html());
  document.getElementById("x").innerHTML = "";
}
