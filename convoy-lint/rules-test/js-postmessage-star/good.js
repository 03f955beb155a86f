parent.postMessage({ token }, "https://example.com");
worker.postMessage("*");
