async fn proxy(Query(target): Query<Target>) -> String {
    // bad
    reqwest::get(&target.url).await.unwrap().text().await.unwrap()
}
