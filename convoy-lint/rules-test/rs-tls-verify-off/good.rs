fn client(insecure: bool) -> Client {
    Client::builder().danger_accept_invalid_certs(false).build();
    Client::builder().danger_accept_invalid_certs(insecure).build()
}

#[cfg(test)]
mod tests {
    fn client() {
        Client::builder().danger_accept_invalid_certs(true).build();
    }
}

fn choose(insecure: bool) -> Builder {
    if insecure {
        Client::builder().danger_accept_invalid_certs(true)
    } else {
        Client::builder()
    }
}
