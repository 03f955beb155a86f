async fn file(Path(name): Path<String>) -> Vec<u8> {
    // bad
    std::fs::read(name).unwrap()
}

async fn other(web::Query(query): web::Query<Search>) {
    let path = format!("/data/{}", query);
    // bad
    File::open(&path);
}
