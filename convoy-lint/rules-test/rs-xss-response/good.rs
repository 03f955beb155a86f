async fn hello(Path(name): Path<String>) -> Html<String> {
    let name = encode_safe_escape(&name);
    Html(format!("<h1>Hello {name}</h1>"))
}
