import * as cdk from 'aws-cdk-lib';
import { aws_s3 as s3, aws_rds as rds, aws_sqs as sqs, aws_ec2 as ec2, aws_iam as iam } from 'aws-cdk-lib';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';

export class Stack extends cdk.Stack {
  constructor(scope: cdk.App, id: string) {
    super(scope, id);
    const open = new s3.Bucket(this, 'open', { publicReadAccess: true }); // CWE-732,284,306
    open.grantPublicAccess(); // CWE-732,284,306
    new Bucket(this, 'plain', { encryption: BucketEncryption.UNENCRYPTED }); // CWE-311
    new rds.DatabaseInstance(this, 'db', { engine: rds.DatabaseInstanceEngine.MYSQL, publiclyAccessible: true, storageEncrypted: false }); // CWE-311,732,284
    new sqs.Queue(this, 'queue', { encryption: sqs.QueueEncryption.UNENCRYPTED }); // CWE-311
    const group = new ec2.SecurityGroup(this, 'group', { vpc: null as any });
    group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(22)); // CWE-284,732,668
    new iam.PolicyStatement({ actions: ['*'], resources: ['*'] }); // CWE-732,250,269,284

    new s3.Bucket(this, 'fine', { encryption: s3.BucketEncryption.S3_MANAGED, enforceSSL: true });
    new sqs.Queue(this, 'fine-queue', { encryption: sqs.QueueEncryption.KMS_MANAGED });
    group.addIngressRule(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(22));
    new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::x/*'] });
  }
}
