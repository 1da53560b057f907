import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;

public class Server {
  static final int LIMIT = 64 * 1024 * 1024;

  /** Answers with frames of its own: one that is handed back would carry the reserved bits of the client's. */
  static class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      WebSocketFrame answer;
      if (frame instanceof TextWebSocketFrame) answer = new TextWebSocketFrame(frame.content().retain());
      else if (frame instanceof BinaryWebSocketFrame) answer = new BinaryWebSocketFrame(frame.content().retain());
      else return;
      context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // For a corrupted frame the library has sent its Close and closes; a second close() would send another.
      if (!(cause instanceof CorruptedFrameException)) context.close();
    }
  }

  /** The requests that WebSocketServerProtocolHandler lets through: those to other paths than its own. */
  static class Elsewhere extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      context
          .writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  static class Pipeline extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      // Beyond so many fragments the aggregator copies the whole message for each one more.
      WebSocketFrameAggregator aggregator = new WebSocketFrameAggregator(LIMIT);
      aggregator.setMaxCumulationBufferComponents(1 << 20);
      channel.pipeline().addLast(
          new HttpServerCodec(),
          new HttpObjectAggregator(64 * 1024),
          new WebSocketServerCompressionHandler(),
          new WebSocketServerProtocolHandler("/", null, true, LIMIT, false, true),
          aggregator,
          new Elsewhere(),
          new Echo());
    }
  }

  public static void main(String[] arguments) throws Exception {
    NioEventLoopGroup loop = new NioEventLoopGroup();
    new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .childHandler(new Pipeline())
        .childOption(ChannelOption.TCP_NODELAY, true)
        .bind("127.0.0.1", Integer.parseInt(arguments[0]))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }
}
