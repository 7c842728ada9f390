// Where repair VMs stand: no way in, and out only to storage and the platform. The same as the product makes where it finds none.
param region string

resource rules 'Microsoft.Network/networkSecurityGroups@2024-01-01' = {
  name: 'bootmedic-${region}'
  location: region
  tags: { bootmedic: 'network' }
  properties: {
    securityRules: [
      {
        name: 'storage'
        properties: {
          priority: 100
          direction: 'Outbound'
          access: 'Allow'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: 'Storage'
          destinationPortRange: '443'
        }
      }
      {
        name: 'platform'
        properties: {
          priority: 110
          direction: 'Outbound'
          access: 'Allow'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '168.63.129.16/32'
          destinationPortRange: '*'
        }
      }
      {
        name: 'nothing-else-out'
        properties: {
          priority: 4096
          direction: 'Outbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
      {
        name: 'nothing-in'
        properties: {
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: 'bootmedic-${region}'
  location: region
  tags: { bootmedic: 'network' }
  properties: {
    addressSpace: { addressPrefixes: ['10.255.0.0/24'] }
    subnets: [
      {
        name: 'repair'
        properties: {
          addressPrefix: '10.255.0.0/24'
          defaultOutboundAccess: false
          networkSecurityGroup: { id: rules.id }
          serviceEndpoints: [{ service: 'Microsoft.Storage' }]
        }
      }
    ]
  }
}
