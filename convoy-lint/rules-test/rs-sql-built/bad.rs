async fn find(pool: &Pool, client: &Client, name: &str) {
    // bad
    sqlx::query(&format!("SELECT * FROM users WHERE name = '{}'", name)).fetch_all(pool).await;
    let sql = format!("DELETE FROM t WHERE name = '{name}'");
    // bad
    client.execute(&sql, &[]).await;
}
