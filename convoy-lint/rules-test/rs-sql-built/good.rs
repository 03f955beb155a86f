const TABLE: &str = "users";

async fn find(pool: &Pool, client: &Client, name: &str, limit: u32) {
    sqlx::query("SELECT * FROM users WHERE name = $1").bind(name).fetch_all(pool).await;
    client.execute("DELETE FROM t WHERE name = $1", &[&name]).await;
    sqlx::query(&format!("SELECT * FROM {TABLE} LIMIT {limit}")).fetch_all(pool).await;
}
