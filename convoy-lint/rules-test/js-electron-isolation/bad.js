const win = new BrowserWindow({
  webPreferences: {
    // bad
    nodeIntegration: true,
    // bad
    contextIsolation: false,
  },
});
