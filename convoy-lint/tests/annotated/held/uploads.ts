import { Request, Response } from 'express';
import AdmZip from 'adm-zip';
import unzipper from 'unzipper';
import fs from 'fs';
import path from 'path';
import multer from 'multer';

export const upload = multer({ dest: '/srv/uploads' });

export function save(req: Request, res: Response) {
  fs.writeFileSync(path.join('/srv/uploads', req.body.name), req.body.data); // CWE-22
  fs.createReadStream(req.body.archive) // CWE-22
    .pipe(unzipper.Parse())
    .on('entry', (entry) => {
      entry.pipe(fs.createWriteStream(path.join('/srv', entry.path))); // CWE-22
    });
  const zip = new AdmZip('/srv/a.zip');
  for (const entry of zip.getEntries()) {
    fs.writeFileSync('/srv/' + entry.entryName, entry.getData()); // CWE-22
  }
  fs.chmodSync('/srv/a', 0o777); // CWE-732
  res.end();
}

export function fine(req: Request, res: Response) {
  fs.writeFileSync(path.join('/srv/uploads', path.basename(req.body.name)), req.body.data);
  fs.chmodSync('/srv/a', 0o640);
  res.end();
}
