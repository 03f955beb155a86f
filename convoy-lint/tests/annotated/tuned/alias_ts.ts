import { createHash as digest, randomBytes } from 'crypto';
import axios from 'axios';
import { parse } from 'url';
import type { Request, Response } from 'express';

const http = axios.create({ baseURL: 'https://api.example.org' });
const hosts = ['api.example.org', 'cdn.example.org'];

export async function fetchOne(req: Request, res: Response) {
  const body = req.body;
  const address = body.address;
  const answer = await axios.get(address); // CWE-918
  const second = await http.get(body.address); // CWE-918
  const sum = digest('md5').update(address).digest('hex'); // CWE-327,328
  const host = parse(address).hostname;
  if (hosts.includes(host!)) {
    await axios.get(address);
  }
  res.json({ answer, second, sum, id: randomBytes(8).toString('hex') });
}
