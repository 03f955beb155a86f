parent.postMessage({ token }, "https://example.com");
window.postMessage({}, "*");
worker.postMessage("*");
