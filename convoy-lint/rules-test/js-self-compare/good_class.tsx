const Pill = ({ className }) => <i className={[base, className && className].filter(Boolean).join(" ")} />;
