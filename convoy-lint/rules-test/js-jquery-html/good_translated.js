const tip = $('<div id="tip"><span>' + $T("move to resize") + "</span></div>");
