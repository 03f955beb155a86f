export async function proxy(req: Request, res: Response) {
  // bad
  const answer = await fetch(req.query.url as string);
  const { target } = req.body;
  // bad
  await axios.get(`http://${target}/x`);
}

export async function GET(request: Request) {
  const { searchParams } = new URL(request.url);
  // bad
  return fetch(searchParams.get("url")!);
}

export async function POST(request: Request) {
  const body = await request.json();
  // bad
  return fetch(body.url);
}

export const handler = async (event: any) => {
  const data = JSON.parse(event.body);
  // bad
  return fetch(data.url);
};
