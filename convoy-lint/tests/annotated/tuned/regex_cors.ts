import { Request, Response, NextFunction } from 'express';

export function cors(req: Request, res: Response, next: NextFunction) {
  const origin = req.headers.origin as string;
  res.setHeader('Access-Control-Allow-Origin', origin); // CWE-942
  res.header('Access-Control-Allow-Credentials', 'true');
  next();
}

export function search(req: Request, res: Response) {
  const pattern = new RegExp(req.query.q as string); // CWE-1333,400
  const options = { allowedOrigins: [/https:\/\/.*.example.org/] };
  res.json({ found: pattern.test('x'), options });
}

export function fineCors(req: Request, res: Response, next: NextFunction) {
  const allowed = ['https://a.example.org'];
  if (allowed.includes(req.headers.origin as string)) {
    res.setHeader('Access-Control-Allow-Origin', req.headers.origin as string);
  }
  next();
}
