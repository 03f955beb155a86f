const token = jwt.sign({ id }, process.env.JWT_KEY, { expiresIn: "1h" });
jwt.verify(token, key);
jwt.decode(token, "x");
