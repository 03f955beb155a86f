// bad
const token = jwt.sign({ id }, "shhhh", { expiresIn: "1h" });
// bad
jwt.verify(token, "shhhh");
