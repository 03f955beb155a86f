from aws_cdk import aws_ec2 as ec2, aws_rds as rds, aws_s3 as s3


def build(stack, group):
    # bad
    s3.Bucket(stack, "b", public_read_access=True)
    # bad
    rds.CfnDBInstance(stack, "d", storage_encrypted=False)
    # bad
    group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22))
