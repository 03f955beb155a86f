app.commandLine.appendSwitch('disable-gpu');
