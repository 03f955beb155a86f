async fn proxy(Path(id): Path<u64>) -> String {
    reqwest::get("https://example.com").await;
    reqwest::get(format!("https://example.com/{id}")).await
}
