// bad
app.commandLine.appendSwitch('ignore-certificate-errors');
