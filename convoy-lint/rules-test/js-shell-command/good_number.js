const { execSync } = require("child_process");

execSync(`taskkill /PID ${child.pid} /F`);
