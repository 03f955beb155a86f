// bad
const dbPassword = "hunter2!x9";
const config = {
  // bad
  password: "S3cret99x",
};
// bad
const JWT_SECRET = process.env.JWT_SECRET || "s3cret-key-99";
