function login(name, password) {
  console.log(name, "password");
  console.log("is there one: " + Boolean(password.length));
  console.log(hashedPassword);
}
