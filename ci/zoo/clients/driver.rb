# What the Ruby drivers share: what they are asked for, and whether there is to be another round.
module Driver
  LIMIT = 64 * 1024 * 1024
  ADDRESS = ARGV[0]
  LOOP = ENV['WSSPEC_ACTION'] == 'loop'
  PROTOCOLS = ENV.fetch('WSSPEC_PROTOCOLS', '').split(',').map(&:strip).reject(&:empty?)
  HEADERS = ENV.fetch('WSSPEC_HEADERS', '').lines.map { |line| line.strip.split(/:\s*/, 2) }.select { |pair| pair.size == 2 }.to_h
  CA = ENV['WSSPEC_CA'].to_s.empty? ? nil : ENV['WSSPEC_CA']

  # Does nobody listen where the URL points? For libraries whose errors do not say it. Linux, loopback.
  def self.nobody_listens?
    port = ADDRESS[%r{\A\w+://(?:\[[^\]]*\]|[^/:?]*):(\d+)}, 1] || (ADDRESS.start_with?('wss') ? 443 : 80)
    wanted = format(':%04X', port.to_i)
    %w[/proc/net/tcp /proc/net/tcp6].none? do |table|
      File.readlines(table).any? { |line| line.split.then { |word| word[1].end_with?(wanted) && word[3] == '0A' } }
    end
  end

  # The pause before the next round in seconds, or nil when there is to be none.
  def self.pause(opened)
    @refused = !opened && nobody_listens? ? @refused.to_i + 1 : 0
    return nil unless LOOP && @refused < 3

    @refused.positive? ? 0.1 : 0
  end
end
