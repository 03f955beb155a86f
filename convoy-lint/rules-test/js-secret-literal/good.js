const key = process.env.AWS_KEY;
const head = "-----BEGIN PRIVATE KEY-----";
const prefix = "ghp_";
