/** Gives this run of tests a name, by which it knows the cluster that it brought up. */
export default function setUp() {
  process.env.REALIP_TEST_RUN = `${process.pid}-${Date.now()}`;
}
