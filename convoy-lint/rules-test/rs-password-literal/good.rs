const SECRET_KEY: &str = "SECRET_KEY";
const PASSWORD: &str = "password";

fn connect() {
    let api_key = std::env::var("API_KEY");
}
