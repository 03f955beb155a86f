export async function proxy(req: Request, res: Response) {
  const answer = await fetch("https://api.example.com/");
  await axios.post("https://api.example.com/", req.body);
  await fetch(`https://api.example.com/${encodeURIComponent(req.query.id)}`);
}

export async function load() {
  const base = window.location.href;
  await fetch(base + "/x");
}
