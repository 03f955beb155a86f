import jwt from 'jsonwebtoken';
import * as jose from 'jose';
import bcrypt from 'bcrypt';
import crypto from 'node:crypto';
import { v4 as uuid } from 'uuid';

const KEY = 'typed-secret-key';

export async function make(user: string, password: string) {
  const token = jwt.sign({ user }, KEY); // CWE-798
  const other = jwt.sign({ user }, 'typed-literal'); // CWE-798
  const third = await new jose.SignJWT({ user }).sign(new TextEncoder().encode('jose-literal-key')); // CWE-798
  const hash = crypto.createHash('md5').update(password).digest('hex'); // CWE-327,328,916
  const weak = await bcrypt.hash(password, 4); // CWE-916
  const resetToken = Math.random().toString(36); // CWE-330,338
  return { token, other, third, hash, weak, resetToken };
}

export function generateSessionId(): string {
  return Math.random().toString(16).slice(2); // CWE-330,338
}

export async function good(user: string, password: string) {
  const token = jwt.sign({ user }, process.env.KEY!);
  const hash = await bcrypt.hash(password, 12);
  const id = uuid();
  const delay = Math.random() * 1000;
  return { token, hash, id, delay };
}
