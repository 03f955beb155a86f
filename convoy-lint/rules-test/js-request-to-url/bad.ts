export async function proxy(req: Request, res: Response) {
  // bad
  const answer = await fetch(req.query.url as string);
  const { target } = req.body;
  // bad
  await axios.get(`http://${target}/x`);
}
