import type { NextApiRequest, NextApiResponse } from 'next';
import { execSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'path';

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  const { name, url } = req.query;
  const listing = execSync(`ls ${name}`); // CWE-78
  const data = fs.readFileSync(path.join('/srv', name as string)); // CWE-22
  const answer = await fetch(url as string); // CWE-918
  res.setHeader('Content-Type', 'text/html');
  res.send(`<h1>${name}</h1>`); // CWE-79
  res.redirect(req.query.next as string); // CWE-601
  res.json({ listing, data, answer });
}

export async function fine(req: NextApiRequest, res: NextApiResponse) {
  const answer = await fetch('https://api.example.org/items');
  res.json({ name: req.query.name, answer });
}
