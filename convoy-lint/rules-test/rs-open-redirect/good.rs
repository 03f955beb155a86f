async fn go() -> Redirect {
    Redirect::to("/home")
}
