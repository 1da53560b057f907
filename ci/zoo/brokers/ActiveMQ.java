import org.apache.activemq.broker.BrokerService;

/** ActiveMQ in memory with STOMP over TCP on 127.0.0.1, anybody may connect. Usage: java ActiveMQ.java PORT */
class ActiveMQ {
  public static void main(String[] args) throws Exception {
    BrokerService broker = new BrokerService();
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.addConnector("stomp://127.0.0.1:" + args[0]);
    broker.start();
    broker.waitUntilStopped();
  }
}
