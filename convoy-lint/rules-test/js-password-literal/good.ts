const dbPassword = process.env.DB_PASSWORD;
const config = { password: "changeme", secret: "", apiKey: "YOUR_API_KEY", password: "password" };
const labels = { password: "Password", confirmPassword: "confirmPassword", token: "tok99xxx" };
const fields = { password: "user.password", accessToken: "x-access-token" };
