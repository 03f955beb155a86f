import { app, BrowserWindow, shell, ipcMain } from 'electron';
import { exec } from 'child_process';

app.whenReady().then(() => {
  const window = new BrowserWindow({
    webPreferences: {
      nodeIntegration: true, // CWE-1188,94,829
      contextIsolation: false, // CWE-1188,94,829
      webSecurity: false, // CWE-1188,346
    },
  });
  window.loadURL('http://app.example.org'); // CWE-319
  app.commandLine.appendSwitch('ignore-certificate-errors'); // CWE-295
});

ipcMain.on('open', (event, url) => {
  shell.openExternal(url); // CWE-601,78,939
});

ipcMain.on('run', (event, name) => {
  exec('ls ' + name); // CWE-78
});

export function fine() {
  return new BrowserWindow({ webPreferences: { nodeIntegration: false, contextIsolation: true } });
}
