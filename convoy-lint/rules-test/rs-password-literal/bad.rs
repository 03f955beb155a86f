// bad
const DB_PASSWORD: &str = "hunter2!x9";

fn connect() {
    // bad
    let api_key = "4f8a9b2c1d";
}
