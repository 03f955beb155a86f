// bad
const key = "AKIAIOSFODNN7EXAMPLF";
// bad
client.login({ token: "ghp_0123456789abcdefghijABCDEFGHIJ012345" });
