async fn hello(Path(name): Path<String>) -> Html<String> {
    // bad
    Html(format!("<h1>Hello {name}</h1>"))
}
