import * as cp from 'child_process';
import { exec as shell, spawn } from 'child_process';
import { promisify } from 'util';

const execAsync = promisify(shell);
const run = promisify(cp.exec);

export async function archive(name: string) {
  await execAsync(`tar czf ${name}.tgz ${name}`); // CWE-78
  await run('tar czf ' + name); // CWE-78
  cp.execSync('tar czf ' + name); // CWE-78
  shell(`ls ${name}`); // CWE-78
  spawn(`ls ${name}`, [], { shell: true }); // CWE-78
  spawn('bash', ['-c', `ls ${name}`]); // CWE-78
}

export function fine(name: string) {
  spawn('ls', [name]);
  cp.execFileSync('ls', [name]);
  shell('ls');
}
