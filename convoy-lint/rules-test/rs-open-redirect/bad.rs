async fn go(Query(next): Query<Next>) -> Redirect {
    // bad
    Redirect::to(&next.url)
}
