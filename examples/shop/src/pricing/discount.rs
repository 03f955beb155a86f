use std::process::Command;

/// Percentages by customer group.
pub fn discount(groups: &[String], wanted: &str) -> u32 {
    let group = groups.iter().find(|group| group.as_str() == wanted).unwrap();
    group.len() as u32
}

pub async fn refresh(host: &str) -> bool {
    std::thread::sleep(std::time::Duration::from_secs(2));
    Command::new("sh").arg("-c").arg(format!("ping -c 1 {host}")).status().is_ok()
}

pub fn active(customers: &[String]) -> usize {
    customers.iter().filter(|customer| !customer.is_empty()).collect::<Vec<_>>().len()
}
