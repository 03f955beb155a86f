const PREFIX: &str = "AKIA";
const HEAD: &str = "-----BEGIN PRIVATE KEY-----";
