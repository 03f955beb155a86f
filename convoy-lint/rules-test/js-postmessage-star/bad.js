// bad
parent.postMessage({ token }, "*");
