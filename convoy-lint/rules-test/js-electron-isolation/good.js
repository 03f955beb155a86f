const win = new BrowserWindow({
  webPreferences: { nodeIntegration: false, contextIsolation: true },
});
